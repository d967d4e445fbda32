import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { mockAuthority } from "./dev/mock.ts";

/** `YANMA_AUTHORITY=http://127.0.0.1:8080 npm run dev` talks to a real one instead of the mock. */
const authority = process.env["YANMA_AUTHORITY"];

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), ...(authority || mode === "test" ? [] : [mockAuthority()])],
  server: { port: 5174, ...(authority && { proxy: { "/v1": authority } }) },
  preview: { port: 4174 },
  build: {
    // Phones of the last six years or so; Svelte itself asks for no less.
    target: ["chrome87", "safari14", "firefox78"],
    // Nothing becomes a `data:` address: the page is served with `default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: ["index.html", "console.html"] },
  },
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  test: { environment: "happy-dom", include: ["{src,console,dev}/**/*.test.ts"] },
}));
