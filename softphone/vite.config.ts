import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** How the browser application is built: `softphone/` to `softphone/dist`, served by `server/http`. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 600,
  },
});
