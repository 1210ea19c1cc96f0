/**
 * Fedify's signer and verifier, asked line by line: JSON in, JSON out. The first line brings the keys,
 * `{ keys: [{ keyId, publicPem, privatePem, kind }] }`; then `{ sign }` or `{ verify }`.
 */
import { createInterface } from 'node:readline'
import { signRequest, verifyRequest } from '@fedify/fedify/sig'
import { CryptographicKey } from '@fedify/vocab'
import { Temporal } from '@js-temporal/polyfill'

const algorithms = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ed25519: { name: 'Ed25519' },
}
const decode = (pem) => Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
const at = (ms) => Temporal.Instant.fromEpochMilliseconds(ms)

const publicKeys = new Map()
const privateKeys = new Map()

async function learn({ keyId, publicPem, privatePem, kind }) {
  const algorithm = algorithms[kind]
  const publicKey = await crypto.subtle.importKey('spki', decode(publicPem), algorithm, true, [
    'verify',
  ])
  const owner = new URL(keyId.split('#')[0])
  publicKeys.set(keyId, new CryptographicKey({ id: new URL(keyId), owner, publicKey }))
  const bytes = decode(privatePem)
  privateKeys.set(keyId, await crypto.subtle.importKey('pkcs8', bytes, algorithm, true, ['sign']))
}

const toRequest = ({ method, url, headers, body }) =>
  new Request(url, { method, headers, ...(body !== undefined && { body }) })

async function sign({ request, keyId, now, spec }) {
  const options = { spec, currentTime: at(now) }
  const key = privateKeys.get(keyId)
  const signed = await signRequest(toRequest(request), key, new URL(keyId), options)
  return { headers: Object.fromEntries(signed.headers) }
}

/** Every key is at hand; one that is not cannot be had. */
const keyCache = { get: async (id) => publicKeys.get(id.href), set: async () => {} }
const documentLoader = async () => {
  throw new Error('there is no network')
}

async function verify({ request, now }) {
  try {
    const options = { currentTime: at(now), timeWindow: { hours: 1 }, keyCache, documentLoader }
    const key = await verifyRequest(toRequest(request), {
      ...options,
      contextLoader: documentLoader,
    })
    return { ok: key !== null }
  } catch (error) {
    return { ok: false, error: String(error) }
  }
}

async function answer(line) {
  const asked = JSON.parse(line)
  if (asked.sign) return sign(asked.sign)
  if (asked.verify) return verify(asked.verify)
  for (const key of asked.keys) await learn(key)
  return {}
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`)
}
