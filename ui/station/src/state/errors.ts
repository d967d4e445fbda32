import { t } from "../messages";
import { CommandFailed } from "../platform/platform";
import type { Closed, Right } from "../platform/views";

/** An engine's refusal in words. What is not a refusal is a fault and says so. */
export function errorWords(error: unknown): string {
  if (!(error instanceof CommandFailed)) return t("error.unexpected", { detail: String(error) });
  const { reason } = error;
  switch (reason.kind) {
    case "notEnrolled":
      return t("error.notEnrolled");
    case "noFeedKey":
      return t("error.noFeedKey");
    case "closed":
      return t(`closed.${reason.detail.why}`);
    case "badField":
      return t("error.badField", { detail: reason.detail.reason });
    case "notAllowed":
      return t("error.notAllowed", {
        role: t(`role.${reason.detail.least}`),
        what: t(`right.${reason.detail.right as Right}`),
      });
    case "signIn":
      return reason.detail.why === "wait"
        ? t("signIn.wait", { seconds: reason.detail.seconds })
        : t(`signIn.${reason.detail.why}`);
    case "overrideNeeded":
      return t("error.overrideNeeded");
    case "noList":
      return t(`noList.${reason.detail.why}`);
    case "guestIsHere":
      return t("error.guestIsHere");
    case "camera":
      return t(`adjust.why.${reason.detail.why}`);
    case "update":
      return t(`updates.why.${reason.detail.why}`, { detail: reason.detail.detail });
    case "store":
      return t("error.store", { detail: reason.detail });
    case "authority":
      return t("error.authority", { detail: reason.detail });
    case "io":
      return t("error.io", { detail: reason.detail });
  }
}

/** The field that an engine complains about, if it is one. */
export function fieldOf(error: unknown): string | null {
  return error instanceof CommandFailed && error.reason.kind === "badField" ? error.reason.detail.field : null;
}

/** Why the desk is closed and where it lies, if that is what the engine said. */
export function closedOf(error: unknown): { why: Closed; folder: string } | null {
  return error instanceof CommandFailed && error.reason.kind === "closed" ? error.reason.detail : null;
}
