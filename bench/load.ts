import { Pool } from 'undici'

export type Request = {
  readonly method: 'POST' | 'PUT'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** Sends all, `concurrency` at a time on as many kept-alive connections. Throws unless all are 2xx. */
export async function sendAll(
  origin: string,
  requests: readonly Request[],
  concurrency: number,
): Promise<void> {
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 })
  const left = requests.values()
  const work = async (): Promise<void> => {
    for (const request of left) {
      const { statusCode, body } = await pool.request({ ...request, headers: request.headers })
      const text = await body.text()
      if (statusCode > 299) throw new Error(`${request.path}: ${statusCode} ${text.slice(0, 300)}`)
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, work))
  } finally {
    await pool.close()
  }
}
