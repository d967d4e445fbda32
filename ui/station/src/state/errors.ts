import { t } from "../messages";
import { CommandFailed } from "../platform/platform";

/** An engine's refusal in words. What is not a refusal is a fault and says so. */
export function errorWords(error: unknown): string {
  if (!(error instanceof CommandFailed)) return t("error.unexpected", { detail: String(error) });
  const { reason } = error;
  switch (reason.kind) {
    case "notEnrolled":
      return t("error.notEnrolled");
    case "badField":
      return t("error.badField", { detail: reason.detail.reason });
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
