import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { mongo } from 'mongoose';

const OP_MSG = 2013;
/** The flag of a request that wants no reply. */
export const MORE_TO_COME = 2;

export interface RawReply {
  responseTo: number;
  body: mongo.Document;
}

/** A connection that sends exactly what it is told: a driver would add its own session and transaction numbers. */
export class RawConnection {
  private pending = Buffer.alloc(0);
  private lastId = 0;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.pending = Buffer.concat([this.pending, chunk]);
    });
    socket.on('error', () => socket.destroy());
  }

  static async open(uri: string): Promise<RawConnection> {
    const [host, port] = new mongo.MongoClient(uri).options.hosts[0]!.toString().split(':');
    const socket = connect(Number(port), host);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  async command(command: mongo.Document, database = 'admin'): Promise<mongo.Document> {
    const id = this.send(command, database);
    const { responseTo, body } = await this.receive();
    if (responseTo !== id) throw new Error(`a reply to ${responseTo} instead of ${id}`);
    return body;
  }

  send(command: mongo.Document, database: string, flags = 0): number {
    const body = mongo.BSON.serialize({ ...command, $db: database });
    const header = Buffer.alloc(21);
    header.writeInt32LE(header.length + body.length, 0);
    header.writeInt32LE(++this.lastId, 4);
    header.writeInt32LE(OP_MSG, 12);
    header.writeUInt32LE(flags, 16);
    this.write(Buffer.concat([header, body]));
    return this.lastId;
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  async receive(): Promise<RawReply> {
    while (this.pending.length < 4 || this.pending.length < this.pending.readInt32LE(0)) {
      if (this.socket.destroyed) throw new Error('the connection was closed');
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
    }
    const message = this.pending.subarray(0, this.pending.readInt32LE(0));
    this.pending = this.pending.subarray(message.length);
    return { responseTo: message.readInt32LE(8), body: mongo.BSON.deserialize(message.subarray(21)) };
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close');
  }

  close(): void {
    this.socket.destroy();
  }
}
