import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app.css';
import { App } from './app.tsx';
import { readLanguage } from './i18n/kept-language.ts';
import { firstLanguage } from './i18n/language.ts';
import { createTexts } from './i18n/translate.ts';

// The content security policy forbids code made at run time, which zod would otherwise try.
z.config({ jitless: true });

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
const texts = createTexts(firstLanguage(readLanguage(), navigator.languages));
createRoot(root).render(
  <StrictMode>
    <App texts={texts} />
  </StrictMode>,
);
