import { proofContext } from '../../src/activitypub/proof.ts'
import { testKeys } from '../support/keys.ts'

const alice = 'https://fedi.here.example/actors/A1'

export const multikeysOf = (owner: string) =>
  testKeys(owner).multikeys.map((key) => ({ ...key, type: 'Multikey', controller: owner }))

/** An actor of ours as everybody gets it. */
export const actorDocument = {
  id: alice,
  type: 'Person',
  preferredUsername: 'alice',
  webfinger: 'alice@here.example',
  name: 'Alice',
  url: 'https://fedi.here.example/@alice',
  inbox: `${alice}/inbox`,
  outbox: `${alice}/outbox`,
  followers: `${alice}/followers`,
  following: `${alice}/following`,
  featured: `${alice}/featured`,
  featuredTags: `${alice}/featured/tags`,
  attributionDomains: ['fedi.here.example'],
  interactionPolicy: { canFeature: { automaticApproval: [alice] } },
  endpoints: { sharedInbox: 'https://fedi.here.example/inbox' },
  manuallyApprovesFollowers: false,
  discoverable: false,
  indexable: false,
  published: '2024-01-02T03:04:05.000Z',
  matrixUserId: '@al"ice:here.example',
  tag: [{ type: 'Link', rel: 'canonical', href: 'https://matrix.to/#/@al%22ice:here.example' }],
  attachment: [
    {
      type: 'PropertyValue',
      name: 'Matrix',
      value:
        '<a href="https://matrix.to/#/@al%22ice:here.example" rel="me">@al&#34;ice:here.example</a>',
    },
    {
      type: 'PropertyValue',
      name: 'Bridged by',
      value:
        '<a href="https://fedi.here.example/" rel="noopener">Footbridge at fedi.here.example</a> · opt out: block @fedi.here.example@fedi.here.example',
    },
  ],
  icon: { type: 'Image', url: `${alice}/avatar?v=c55da5bbebdf` },
  generator: {
    id: 'https://fedi.here.example/actor',
    type: 'Application',
    implements: [
      {
        name: 'RFC-9421: HTTP Message Signatures',
        href: 'https://datatracker.ietf.org/doc/html/rfc9421',
      },
    ],
  },
  publicKey: { id: `${alice}#main-key`, owner: alice, publicKeyPem: 'PEM' },
  assertionMethod: multikeysOf(alice),
}

/** What a proof needs in the context, taken away again. */
export function withoutProofContext(document: Record<string, unknown>): Record<string, unknown> {
  const { '@context': context } = document
  if (!Array.isArray(context)) return document
  const rest = context.filter((one) => one !== proofContext) as unknown[]
  return { ...document, '@context': rest.length === 1 ? rest[0] : rest }
}
