/** The further languages of the shared words. A page that speaks them imports this once. */
import { sharedTexts } from "./messages";
import type { Texts } from "./translate";
import { type Book, books } from "./words";

sharedTexts.add(
  import.meta.glob<Texts>(["../messages/*.json", "!../messages/{zh-CN,en,where}.json"], { import: "default" }),
);
books.add(
  import.meta.glob<Book>(["../../../assets/words/*.json", "!../../../assets/words/{reasons,notices}.json"], {
    import: "default",
  }),
);
