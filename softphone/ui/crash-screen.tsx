import { Alert, Button, Container, Stack } from '@mantine/core';
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { useText } from '../i18n/use-text.ts';

/** Catches what a page failed to handle: says so, and offers to reload. */
export class CrashScreen extends Component<{ readonly children: ReactNode }, { readonly hasCrashed: boolean }> {
  override state = { hasCrashed: false };

  static getDerivedStateFromError(): { readonly hasCrashed: boolean } {
    return { hasCrashed: true };
  }

  override componentDidCatch(cause: Error, info: ErrorInfo): void {
    console.error('a page crashed', cause, info.componentStack);
  }

  override render(): ReactNode {
    return this.state.hasCrashed ? <CrashNotice /> : this.props.children;
  }
}

function CrashNotice() {
  const { t } = useText();
  return (
    <Container size="sm" py="xl">
      <Alert color="red" title={t('app.name')}>
        <Stack align="flex-start">
          {t('app.crashed')}
          <Button color="red" onClick={() => window.location.reload()}>{t('app.reload')}</Button>
        </Stack>
      </Alert>
    </Container>
  );
}
