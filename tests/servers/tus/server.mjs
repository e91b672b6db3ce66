// A tus server in a process of its own: node server.mjs PORT FOLDER. It listens on 127.0.0.1 only.
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const [port, directory] = process.argv.slice(2)
const server = new Server({ path: '/files', datastore: new FileStore({ directory, expirationPeriodInMilliseconds: 86_400_000 }) })
server.listen({ host: '127.0.0.1', port: Number(port) })
