import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

type Json = Readonly<Record<string, unknown>>

/** A server of the fediverse that says whatever document it is given, in the words of any software. */
export type Author = {
  readonly id: (name: string) => string
  readonly handle: (name: string) => string
  /** Keeps the object for whoever asks and sends its Create to the inbox; gives its id. */
  readonly post: (name: string, object: Json) => Promise<string>
  /** Any other activity of that account. */
  readonly send: (name: string, activity: Json) => Promise<void>
  /** A file, and its URL. */
  readonly file: (name: string, bytes: Uint8Array, mediaType: string) => string
  readonly stop: () => Promise<void>
}

type Options = {
  /** What the actor of each account says besides what every actor says. */
  readonly accounts: Readonly<Record<string, Json>>
  readonly inbox: string
}

type Documents = Map<string, { readonly type: string; readonly body: string | Uint8Array }>

export const asPublic = 'https://www.w3.org/ns/activitystreams#Public'
const activityJson = 'application/activity+json'

async function listen(documents: Documents, onPost: (activity: Json) => void) {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const found = documents.get(request.url ?? '')
      if (request.method === 'POST') {
        response.writeHead(202).end()
        onPost(JSON.parse(Buffer.concat(chunks).toString()) as Json)
      } else if (found === undefined) response.writeHead(404).end()
      else response.writeHead(200, { 'content-type': found.type }).end(found.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** POSTs, signed by draft-cavage. */
async function deliver(
  body: string,
  inbox: string,
  by: { readonly id: string; readonly key: KeyObject },
): Promise<void> {
  const { pathname, host } = new URL(inbox)
  const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`
  const date = new Date().toUTCString()
  const text = `(request-target): post ${pathname}\nhost: ${host}\ndate: ${date}\ndigest: ${digest}`
  const signed = sign('sha256', Buffer.from(text), by.key).toString('base64')
  const named = `keyId="${by.id}#main-key",algorithm="rsa-sha256"`
  const signature = `${named},headers="(request-target) host date digest",signature="${signed}"`
  const headers = { 'content-type': activityJson, date, digest, signature }
  const answer = await fetch(inbox, { method: 'POST', body, headers })
  if (!answer.ok) throw new Error(`the inbox answered ${answer.status}: ${await answer.text()}`)
}

/** Starts it on loopback. Follows are accepted at once. */
export async function startAuthor({ accounts, inbox }: Options): Promise<Author> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const documents: Documents = new Map()
  const nameIn = (id: unknown) => String(id).split('/').at(-1) ?? ''
  const { server, host } = await listen(documents, (activity) => {
    if (activity['type'] !== 'Follow') return
    void send(nameIn(activity['object']), { type: 'Accept', object: activity })
  })
  const url = `http://${host}`
  const id = (name: string) => `${url}/users/${name}`
  const keep = (at: string, document: Json) =>
    documents.set(at, { type: activityJson, body: JSON.stringify(document) })

  let count = 0
  const send: Author['send'] = async (name, activity) => {
    const at = `/activities/${(count += 1)}`
    const whole = { id: url + at, actor: id(name), to: [asPublic], ...activity }
    keep(at, whole)
    await deliver(JSON.stringify(whole), inbox, { id: id(name), key: keys.privateKey })
  }
  const post: Author['post'] = async (name, object) => {
    const at = `/objects/${(count += 1)}`
    const audience = { to: [asPublic], cc: [`${id(name)}/followers`] }
    const made = { id: url + at, type: 'Note', attributedTo: id(name), ...audience }
    const whole = { ...made, published: new Date().toISOString(), ...object }
    keep(at, whole)
    await send(name, { type: 'Create', object: whole, to: whole.to, cc: whole.cc })
    return url + at
  }

  const pem = keys.publicKey.export({ type: 'spki', format: 'pem' })
  for (const [name, profile] of Object.entries(accounts)) {
    const publicKey = { id: `${id(name)}#main-key`, owner: id(name), publicKeyPem: pem }
    const ends = Object.fromEntries(
      ['inbox', 'outbox', 'followers'].map((end) => [end, `${id(name)}/${end}`]),
    )
    const actor = { type: 'Person', id: id(name), preferredUsername: name, ...ends, publicKey }
    keep(`/users/${name}`, { ...actor, ...profile })
    keep(`/users/${name}/outbox`, { type: 'OrderedCollection', id: ends['outbox'], totalItems: 0 })
    const subject = `acct:${name}@${host}`
    keep(`/.well-known/webfinger?resource=${encodeURIComponent(subject)}`, {
      subject,
      links: [{ rel: 'self', type: activityJson, href: id(name) }],
    })
  }
  return {
    id,
    handle: (name) => `@${name}@${host}`,
    send,
    post,
    file: (name, bytes, mediaType) => {
      documents.set(`/files/${name}`, { type: mediaType, body: bytes })
      return `${url}/files/${name}`
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
