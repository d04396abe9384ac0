import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { Router } from 'express';
import { HttpError, notFound } from './http-error.ts';

/**
 * Serves the built browser application: its files, and its one page for every address that is
 * a place inside the application.
 * @param directory - absolute path of the build.
 */
export function softphonePages(directory: string): Router {
  const router = Router();
  router.use(express.static(directory, {
    index: false,
    redirect: false,
    setHeaders: (response, path) => {
      response.setHeader('Cache-Control', cacheControlOf(path));
    },
  }));
  router.use((request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      next();
      return;
    }
    if (isFileName(request.path) || !request.accepts('html')) throw notFound(`there is no ${request.path}`);
    if (!existsSync(join(directory, 'index.html'))) {
      throw new HttpError(503, { code: 'http.pages-not-built', message: 'the pages are not built yet: run `npm run build`', retryable: true });
    }
    response.set('Cache-Control', 'no-cache').sendFile('index.html', { root: directory, cacheControl: false }, (cause?: Error) => {
      if (cause) next(cause);
    });
  });
  return router;
}

/** Files under `assets/` carry a hash of their content in their name; all others are asked for each time. */
function cacheControlOf(path: string): string {
  return /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** `/favicon.ico` is a file that is missing; `/customers/42` is a place in the application. */
const isFileName = (path: string): boolean => /\.[A-Za-z0-9]{1,8}$/.test(path);
