/** What station and portal share: tokens, language, words, formatters and small components. */
export { LANGUAGES, inLanguage, language, otherLanguage, type Both, type Language } from "./language.svelte";
export { fill, translator, type Catalogue, type Translate, type Values } from "./translate";
export { sharedCatalogues, words, type SharedKey } from "./messages";
export { noticeWords, reasonWords, type Words } from "./words";
export { ago, dataAge, dayAndTime, timeOfDay } from "./format";
export { followScheme, type Scheme } from "./scheme";
export { default as Button } from "./Button.svelte";
export { default as Field } from "./Field.svelte";
export { default as Tag } from "./Tag.svelte";
export { default as Shape } from "./Shape.svelte";
export type { ShapeName } from "./shapes";
