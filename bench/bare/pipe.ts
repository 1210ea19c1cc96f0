/** The least that passes a file on: one request to the homeserver, piped into the answer. */
import http from 'node:http'
import { ready, settingsOf } from '../child.ts'

const { port, origin } = settingsOf<{ readonly port: number; readonly origin: string }>()
const agent = new http.Agent({ keepAlive: true })

const server = http.createServer((request, response) => {
  http.get(`${origin}${request.url ?? ''}`, { agent }, (upstream) => {
    const length = upstream.headers['content-length'] ?? ''
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': length })
    upstream.pipe(response)
  })
})
server.listen(port, '127.0.0.1', ready)
