import { inLanguage } from "@yanma/shared";
import type { SceneName, Words } from "../platform/views";

/** A name in the language in force. */
export function own(words: Words): string {
  return inLanguage(words);
}

/** A scene's name; one that only the authority knows is shown by its own id. */
export function sceneName(scene: string, scenes: readonly SceneName[]): string {
  const known = scenes.find((one) => one.id === scene);
  return known ? own(known.name) : scene;
}
