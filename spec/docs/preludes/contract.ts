// A provider and its server, and a test framework that only notes what is declared; spec/docs/providers.spec.ts runs it.
import { memoryProvider } from 'mongoose-image-cleanup/testing';

export const cdnProvider = (_options: { baseUrl: string; token: string }) => memoryProvider();
export const server = {
  url: 'https://cdn.example.com',
  put: (label: string) => `https://cdn.example.com/${label}`,
  has: (_label: string) => true,
  answerWith: (_status: number) => undefined,
  answerNever: () => undefined,
  clear: () => undefined,
};

const framework = globalThis as { describe?: unknown; it?: unknown };
const { describe, it } = framework;

export const declared: string[] = [];
framework.describe = (_title: string, body: () => void) => {
  body();
};
framework.it = (title: string) => declared.push(title);

export function restore(): void {
  Object.assign(framework, { describe, it });
}
