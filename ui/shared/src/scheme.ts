/** Light or dark, as the operating system wishes. */
export type Scheme = "light" | "dark";

/**
 * Keeps `data-scheme` on the root element in step with the operating system, now and later.
 *
 * `fixed` overrules the system (used by pictures of the screens). Returns a function that stops
 * listening.
 */
export function followScheme(fixed?: Scheme): () => void {
  const wish = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset["scheme"] = fixed ?? (wish.matches ? "dark" : "light");
  };
  apply();
  wish.addEventListener("change", apply);
  return () => wish.removeEventListener("change", apply);
}
