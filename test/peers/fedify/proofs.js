/** Judges proofs (FEP-8b32) with Fedify, and makes one: `{ actor, documents }` on standard input. */
import { text } from 'node:stream/consumers'
import { signObject, verifyProof } from '@fedify/fedify'
import { Activity, Create, Image, Note, PUBLIC_COLLECTION } from '@fedify/vocab'

const { actor, documents } = JSON.parse(await text(process.stdin))
const documentLoader = async (url) => ({ contextUrl: null, documentUrl: url, document: actor })

async function judge(document) {
  const activity = await Activity.fromJsonLd(document)
  for await (const proof of activity.getProofs())
    return (await verifyProof(document, proof, { documentLoader })) !== null
  return false
}

/** As it goes over the wire: addresses in full, files as a list. */
async function make() {
  const user = new URL('https://remote.test/users/bob')
  const { privateKey, publicKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign'])
  const note = new Note({
    id: new URL('https://remote.test/notes/1'),
    attribution: user,
    content: 'ü',
    to: PUBLIC_COLLECTION,
    attachments: ['1', '2'].map(
      (name) => new Image({ url: new URL(`https://remote.test/${name}`) }),
    ),
  })
  const create = new Create({ id: new URL('https://remote.test/1'), actor: user, object: note })
  const signed = await signObject(create, privateKey, new URL(`${user.href}#key`))
  const document = await signed.toJsonLd({ format: 'compact' })
  document.object.to = PUBLIC_COLLECTION.href
  return { document, jwk: await crypto.subtle.exportKey('jwk', publicKey) }
}

const verdicts = []
for (const document of documents) verdicts.push(await judge(document))
process.stdout.write(JSON.stringify({ verdicts, made: await make() }))
