import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './certificate.ts'
import type { MatrixClient } from './matrix-client.ts'

export type FileServer = {
  readonly url: string
  /** Puts a file there and gives its URL. */
  put(name: string, bytes: Uint8Array, mediaType: string): string
  stop(): Promise<void>
}

/** Where servers of the fediverse keep the files of their posts; with a certificate, by https. */
export async function startFileServer(secured?: Certificate): Promise<FileServer> {
  const files = new Map<string, { readonly bytes: Uint8Array; readonly mediaType: string }>()
  const answer: http.RequestListener = (req, res) => {
    const file = files.get(req.url ?? '')
    if (file === undefined) res.writeHead(404).end()
    else res.writeHead(200, { 'content-type': file.mediaType }).end(file.bytes)
  }
  const server =
    secured === undefined
      ? http.createServer(answer)
      : https.createServer(
          { cert: await readFile(secured.certificate), key: await readFile(secured.key) },
          answer,
        )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = secured === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`
  return {
    url,
    put(name, bytes, mediaType) {
      files.set(`/${name}`, { bytes, mediaType })
      return `${url}/${name}`
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type FetchedFile = {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
}

/** What anybody gets who has that URL. */
export async function fetchFile(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<FetchedFile> {
  const answer = await fetch(url, { headers })
  const bytes = Buffer.from(await answer.arrayBuffer())
  return { status: answer.status, headers: answer.headers, bytes }
}

/** The file behind an `mxc:` URI, as a client of the homeserver gets it. */
export async function download(
  { url, accessToken }: MatrixClient,
  mxc: unknown,
): Promise<Buffer | undefined> {
  const path = /^mxc:\/\/(.+)$/.exec(String(mxc))?.[1]
  const authorization = `Bearer ${accessToken}`
  const from = `${url}/_matrix/client/v1/media/download/${path ?? ''}`
  const { status, bytes } = await fetchFile(from, { authorization })
  return status === 200 ? bytes : undefined
}
