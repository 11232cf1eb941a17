import type { Agenda } from 'agenda';
import type { Connection } from 'mongoose';

const open = new Set<Agenda>();

/** An Agenda that looks for jobs often, on the database of a connection. */
export async function agendaOn({ db }: Connection, collection = 'agendaJobs'): Promise<Agenda> {
  const { Agenda } = await import('agenda');
  const { MongoBackend } = await import('@agendajs/mongo-backend');
  const agenda = new Agenda({
    backend: new MongoBackend({ mongo: db as never, collection }),
    processEvery: 100,
  });
  await agenda.ready;
  open.add(agenda);
  return agenda;
}

/** To be called in `afterEach`. */
export async function stopAgendas(): Promise<void> {
  for (const agenda of open) await agenda.stop(false);
  open.clear();
}
