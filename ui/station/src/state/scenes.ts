import { type MessageKey, t } from "../messages";

/** The scenes that have policies of their own. */
export const SCENES = ["general", "hospital", "hotel", "airport"] as const;

const NAMES: Record<string, MessageKey> = {
  general: "scene.general",
  hospital: "scene.hospital",
  hotel: "scene.hotel",
  airport: "scene.airport",
};

/** A scene's name; one that only the authority knows is shown by its own id. */
export function sceneName(scene: string): string {
  const key = NAMES[scene];
  return key ? t(key) : scene;
}
