/** Light or dark, as the operating system wishes. */
export type Scheme = "light" | "dark";

/** More contrast than usual, or as much as the operating system wishes. */
export type Contrast = "system" | "more";

let chosen: Contrast = "system";
let apply = (): void => undefined;

/** Takes the choice of whoever sits at this screen over the system's. */
export function chooseContrast(contrast: Contrast): void {
  chosen = contrast;
  apply();
}

/**
 * Keeps `data-scheme` and `data-contrast` on the root element in step with the operating system, now
 * and later.
 *
 * `fixed` overrules the system's scheme (used by pictures of the screens). Returns a function that
 * stops listening.
 */
export function followScheme(fixed?: Scheme): () => void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const more = window.matchMedia("(prefers-contrast: more)");
  apply = () => {
    const { dataset } = document.documentElement;
    dataset["scheme"] = fixed ?? (dark.matches ? "dark" : "light");
    dataset["contrast"] = chosen === "more" || more.matches ? "more" : "usual";
  };
  apply();
  const wishes = [dark, more];
  for (const wish of wishes) wish.addEventListener("change", apply);
  return () => {
    for (const wish of wishes) wish.removeEventListener("change", apply);
  };
}
