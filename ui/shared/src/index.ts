/** What station and portal share: tokens, language, words, formatters and small components. */
export {
  FIRST_LANGUAGES,
  LANGUAGES,
  Shelf,
  fetchLanguage,
  language,
  languageName,
  otherLanguage,
  shortLanguageName,
  type Language,
} from "./language.svelte";
export { fill, translator, type Texts, type Translate, type Values } from "./translate";
export { sharedTexts, words, type SharedKey } from "./messages";
export { inLanguage, noticeWords, reasonWords, type Both, type Words } from "./words";
export { ago, dataAge, dayAndTime, timeOfDay } from "./format";
export { chooseContrast, followScheme, type Contrast, type Scheme } from "./scheme";
export { QUIET_MODULES, pathOf, plainSymbolOf, type Symbol } from "./symbol";
export { default as Button } from "./Button.svelte";
export { default as Field } from "./Field.svelte";
export { default as Tag } from "./Tag.svelte";
export { default as Shape } from "./Shape.svelte";
export type { ShapeName } from "./shapes";
