/** True in development, tests and demo builds; false in the bundle that ships. */
declare const __DEMO__: boolean;
