import { text } from 'node:stream/consumers'
import { startLoopback } from '../../net/loopback.ts'

export type LoneAccount = {
  readonly name: string
  readonly id: string
  readonly host: string
  /** What was posted to its inbox, as it came. */
  posts(): readonly string[]
  /** From now on its inbox answers with that status. */
  answer(status: number): void
  stop(): Promise<unknown>
}

/** An account that anybody can look up, and whose inbox answers as it is told. */
export async function startLoneAccount(name: string, first: number): Promise<LoneAccount> {
  const posts: string[] = []
  let status = first
  const { host, close } = await startLoopback((req, res) => {
    const isInbox = req.method === 'POST'
    if (isInbox) void text(req).then((body) => posts.push(body))
    res.writeHead(isInbox ? status : 200, { 'content-type': 'application/activity+json' })
    res.end(JSON.stringify(req.url?.startsWith('/.well-known') === true ? found : document))
  })
  const id = `http://${host}/users/${name}`
  const found = {
    subject: `acct:${name}@${host}`,
    links: [{ rel: 'self', type: 'application/activity+json', href: id }],
  }
  const document = {
    '@context': 'https://www.w3.org/ns/activitystreams',
    id,
    type: 'Person',
    preferredUsername: name,
    inbox: `${id}/inbox`,
  }
  return {
    ...{ name, id, host },
    posts: () => [...posts],
    answer(next) {
      status = next
    },
    stop: close,
  }
}
