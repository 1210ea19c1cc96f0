import http from 'node:http'

/**
 * Stands in for a bridge that is away, and tells every sender that there is nothing: servers that
 * believe it give their deliveries up, as they do after days of silence.
 */
export async function answerNotFound(url: string): Promise<() => Promise<void>> {
  const server = http.createServer((req, res) => {
    req.resume()
    req.on('end', () => res.writeHead(404).end())
  })
  const port = Number(new URL(url).port)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}
