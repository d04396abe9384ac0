import { DirectionProvider, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { i18n } from 'i18next';
import { useState } from 'react';
import { I18nextProvider } from 'react-i18next';
import { directionOf, isLanguage } from './i18n/language.ts';
import { DocumentLanguage } from './i18n/document-language.tsx';
import { Pages } from './pages.tsx';
import { theme } from './theme.ts';
import { CrashScreen } from './ui/crash-screen.tsx';

/** The whole application: what every page stands on, and the page that the address names. */
export function App({ texts }: { readonly texts: i18n }) {
  const [queries] = useState(() => new QueryClient({
    defaultOptions: { queries: { retry: 1, staleTime: 10_000, refetchOnWindowFocus: false } },
  }));
  return (
    <I18nextProvider i18n={texts}>
      <DirectionProvider initialDirection={isLanguage(texts.language) ? directionOf(texts.language) : 'ltr'} detectDirection={false}>
        <MantineProvider theme={theme} defaultColorScheme="auto">
          <DocumentLanguage />
          <Notifications position="bottom-center" autoClose={5000} limit={3} />
          <CrashScreen>
            <QueryClientProvider client={queries}>
              <Pages />
            </QueryClientProvider>
          </CrashScreen>
        </MantineProvider>
      </DirectionProvider>
    </I18nextProvider>
  );
}
