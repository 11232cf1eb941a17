import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule, AppModuleWithConnectionPlugin } from './app.module.js';

async function main(): Promise<void> {
  const module = process.argv.includes('connection.plugin') ? AppModuleWithConnectionPlugin : AppModule;
  // docs: hooks
  const app = await NestFactory.create(module, { logger: ['warn', 'error'] });
  app.enableShutdownHooks();
  // docs: end
  await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
  console.log(`listening on ${await app.getUrl()}`);
}

void main();
