import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  // Relative, so that the pages open from any origin the web view gives them.
  base: "./",
  plugins: [svelte()],
  // The simulated desk exists only outside production; `check-bundle.mjs` proves its absence.
  define: { __DEMO__: JSON.stringify(mode !== "production") },
  build: { target: "safari16", outDir: "dist", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { port: 5173, strictPort: true, fs: { allow: ["..", "../../assets"] } },
  clearScreen: false,
  // Svelte offers a server build to Node; components are tested in a (simulated) browser.
  ...(mode === "test" ? { resolve: { conditions: ["browser"] } } : {}),
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
}));
