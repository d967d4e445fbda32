/** Why a colour began, as few plain sentences as say it; the citizen's page and the console have words for each. */
import type { ColourPeriod, ReportThen } from "./wire";

export const WHY = [
  "claim",
  "taken-back",
  "retracted",
  "uncleared",
  "cleared",
  "negative",
  "reported",
  "report",
  "over",
  "stage",
  "rules",
  "unknown",
  "withdrawal",
] as const;

/** One sentence; `what` is the condition or the rules it is about, in the languages there are. */
export interface Why {
  why: (typeof WHY)[number];
  what: { zh: string; en: string } | null;
}

const plain = (why: Why["why"]): Why => ({ why, what: null });

/** What was reported, unless the facts behind the colour say so themselves. */
function ofReport(report: ReportThen, period: Pick<ColourPeriod, "because">): Why | null {
  const { fact, takes_back: before } = report;
  if (before?.kind === "cleared") return plain("uncleared");
  if (before) return before.words ? { why: "taken-back", what: before.words } : plain("retracted");
  if (fact.kind === "cleared") return plain("cleared");
  if (fact.kind === "test-negative") return plain("negative");
  if (period.because.some(({ kind }) => kind === fact.kind)) return null;
  return fact.words ? { why: "reported", what: fact.words } : plain("report");
}

/** None when the facts behind the colour are all there is to say. */
export function whyOf(period: ColourPeriod): Why[] {
  const { began, colour } = period;
  switch (began.by) {
    case "report": {
      const whys = began.reports.map((report) => ofReport(report, period)).filter((why) => why !== null);
      const told = new Map(whys.map((why) => [`${why.why} ${why.what?.zh ?? ""}`, why]));
      return [...told.values()];
    }
    case "time":
      return [plain(colour === "green" ? "over" : "stage")];
    case "rules":
      return [period.scheme ? { why: "rules", what: period.scheme.name } : plain("unknown")];
    case "claim":
    case "withdrawal":
      return [plain(began.by)];
    case "unknown":
      // The colour of now is explained by its facts, however it began.
      return period.because.length > 0 ? [] : [plain("unknown")];
    default:
      // A newer authority may know of more.
      return [plain("unknown")];
  }
}
