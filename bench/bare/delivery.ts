/** The least a delivery needs: digest, RSA signature, one POST over a kept-alive connection. */
import { createHash, createPrivateKey, sign } from 'node:crypto'
import { Agent } from 'undici'
import { answer, ready, settingsOf } from '../child.ts'

type Run = { readonly inboxes: readonly string[]; readonly body: string }

const { privatePem, keyId, connections } = settingsOf<{
  readonly privatePem: string
  readonly keyId: string
  readonly connections: number
}>()
const key = createPrivateKey(privatePem)
const agent = new Agent({ connections, pipelining: 1 })

const signed = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(text), key, (error, signature) => {
      if (error === null) resolve(signature.toString('base64'))
      else reject(error)
    })
  })

async function post(inbox: string, body: string): Promise<void> {
  const { host, origin, pathname } = new URL(inbox)
  const date = new Date().toUTCString()
  const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`
  const type = 'application/activity+json'
  const names = '(request-target) host date digest content-type'
  const text = `(request-target): post ${pathname}\nhost: ${host}\ndate: ${date}\ndigest: ${digest}\ncontent-type: ${type}`
  const signature = `keyId="${keyId}",algorithm="rsa-sha256",headers="${names}",signature="${await signed(text)}"`
  const headers = { host, date, digest, 'content-type': type, signature }
  const response = await agent.request({ origin, path: pathname, method: 'POST', headers, body })
  await response.body.dump()
  if (response.statusCode !== 202) throw new Error(`${inbox}: ${response.statusCode}`)
}

answer<Run>('run', async ({ inboxes, body }) => {
  const left = inboxes.values()
  const work = async (): Promise<void> => {
    for (const inbox of left) await post(inbox, body)
  }
  await Promise.all(Array.from({ length: 32 }, work))
})
ready()
