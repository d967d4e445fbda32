import type { Router } from "../route.svelte";
import type { Session } from "../session.svelte";

/** What every screen is given. */
export interface ScreenProps {
  session: Session;
  router: Router;
}
