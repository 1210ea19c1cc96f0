import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { generateRsaPair } from './activitypub/key-pairs.ts'
import { instanceActorId } from './activitypub/actor-document.ts'
import { signRequest, verifySignature } from './activitypub/signature.ts'
import type { Config } from './config/config.ts'
import { databasePathOf } from './config/database-path.ts'
import type { Means, Patient, RegistrationFile, Signatures } from './doctor/ports.ts'
import { freeBytesIn, writeFaultIn } from './files/folder.ts'
import { faultOf } from './model/machine.ts'
import { createAddressGuard } from './net/address.ts'
import { lookAtCertificate } from './net/certificate.ts'
import { createGuardedHttp } from './net/guarded.ts'
import { createNames } from './net/names.ts'

export type Place = {
  /** Undefined: the environment says everything. */
  readonly configFile: string | undefined
  /** A server of the fediverse that is asked for; undefined: none is. */
  readonly reach: string | undefined
}

/** A large server, which answers whoever asks; in a test network there is none. */
export const usualReach = ({ activitypub }: Config): string | undefined =>
  activitypub.publicUrl.startsWith('http:') ? undefined : 'mastodon.social'

/** What of the configuration the doctor looks at. */
export function patientOf(config: Config, { configFile, reach }: Place): Patient {
  const { homeserver, appservice, activitypub, adminPage } = config
  return {
    ...{ homeserver, appservice, activitypub, reach },
    ...(adminPage === undefined ? {} : { adminPage }),
    database: databasePathOf(config),
    configFile: configFile ?? 'the environment',
    isTestNetwork: activitypub.publicUrl.startsWith('http:'),
  }
}

/** The part of `Means` that is the same whether the bridge runs or not. */
export type Machine = Pick<
  Means,
  | 'web'
  | 'lookAtCertificate'
  | 'addressesOf'
  | 'isPublic'
  | 'freeBytes'
  | 'writeFault'
  | 'mayChangeConfig'
  | 'registration'
> & { readonly close: () => Promise<void> }

/** This machine, and where the configuration stands. */
export type Surroundings = Place & { readonly machine: Machine }

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function readRegistration(path: string): RegistrationFile | undefined {
  let value: unknown
  try {
    value = parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const found = value as Readonly<Record<string, unknown>>
  const text = (name: string): string => {
    const one = found[name]
    return typeof one === 'string' ? one : ''
  }
  const [asToken, hsToken] = [text('as_token'), text('hs_token')]
  if (asToken === '' || hsToken === '') return undefined
  return { path, asToken, hsToken, url: text('url'), id: text('id') }
}

async function addressesOf(host: string) {
  try {
    const found = await createNames()(host, {})
    return found.map(({ address }) => address)
  } catch (error) {
    return { silent: faultOf(error).reason }
  }
}

/** To our own public names, private or not: the administrator named them. */
function openWeb({ activitypub }: Config, userAgent: string) {
  const { publicUrl, handleDomain } = activitypub
  const isPlain = publicUrl.startsWith('http:')
  return createGuardedHttp({
    allowPrivate: ['0.0.0.0/0', '::/0'],
    allowHttp: isPlain ? [new URL(publicUrl).host, handleDomain] : [],
    userAgent,
  })
}

/** This machine, as the doctor looks at it. Close it. */
export function machineOf(config: Config, { configFile }: Place, userAgent: string): Machine {
  const { http: web, close } = openWeb(config, userAgent)
  const folder = dirname(databasePathOf(config))
  const beside = configFile === undefined ? undefined : dirname(configFile)
  return {
    ...{ web, close, lookAtCertificate, addressesOf },
    isPublic: createAddressGuard(config.network.allowPrivate),
    freeBytes: () => freeBytesIn(folder),
    writeFault: () => writeFaultIn(folder),
    mayChangeConfig: () =>
      configFile === undefined || beside === undefined || !existsSync(configFile)
        ? undefined
        : isWritable(configFile) && isWritable(beside),
    registration: () =>
      beside === undefined ? undefined : readRegistration(join(beside, 'registration.yaml')),
  }
}

type SigningPair = {
  readonly keyId: string
  readonly privateKey: KeyObject
  readonly publicPem: string
}

/** Signs with that key, and checks as the inbox does. */
export function signaturesOf(
  { activitypub, signatures }: Config,
  now: () => number,
  { keyId, privateKey, publicPem }: SigningPair,
): Omit<Signatures, 'publishedPem'> {
  const publicKey = createPublicKey(publicPem)
  const { publicUrl } = activitypub
  return {
    sign: async (request, scheme) =>
      signRequest({ ...request, scheme, keyId, privateKey, date: new Date(now()) }),
    faultOf({ body, ...arrived }) {
      const verdict = verifySignature({
        ...arrived,
        body: body === undefined ? undefined : Buffer.from(body),
        now: now(),
        publicKey,
        publicUrl,
        window: signatures,
      })
      return verdict.ok ? undefined : verdict.reason
    },
  }
}

/** With a key that is nobody's. */
export async function someSignatures(config: Config, now: () => number): Promise<Signatures> {
  const { publicPem, privatePem } = await generateRsaPair()
  const keyId = `${instanceActorId(config.activitypub.publicUrl)}#doctor`
  const privateKey = createPrivateKey(privatePem)
  return signaturesOf(config, now, { keyId, privateKey, publicPem })
}
