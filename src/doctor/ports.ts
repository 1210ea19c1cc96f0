import type { DatabaseState } from '../model/database-state.ts'
import type { Http } from '../model/http.ts'
import type { Certificate, Fault } from '../model/machine.ts'

/** What of the configuration is looked at, and where it stands. */
export type Patient = {
  readonly homeserver: { readonly url: string; readonly serverName: string }
  readonly appservice: {
    readonly id: string
    readonly bind: string
    readonly port: number
    /** As the homeserver reaches us. */
    readonly url: string
    readonly asToken: string
    readonly hsToken: string
    readonly botLocalpart: string
    readonly prefix: string
  }
  readonly activitypub: {
    readonly bind: string
    readonly port: number
    readonly publicUrl: string
    readonly handleDomain: string
  }
  /** Absent: there is no page for admins. */
  readonly adminPage?: { readonly bind: string; readonly port: number }
  /** Path of the database. */
  readonly database: string
  /** The configuration file as it is shown: `/etc/footbridge/config.yaml`. */
  readonly configFile: string
  /** A server of the fediverse that is asked for to see whether any can be; undefined: none is. */
  readonly reach: string | undefined
  /** Speaks http to the fediverse too: a test network. */
  readonly isTestNetwork: boolean
}

/** The registration beside the configuration; the homeserver may read another file. */
export type RegistrationFile = {
  readonly path: string
  readonly asToken: string
  readonly hsToken: string
  readonly url: string
  readonly id: string
}

/** Who has the place where we listen. */
export type Listener =
  /** The bridge, or the doctor in its place. */
  | { readonly state: 'ours' }
  | { readonly state: 'taken' }
  | { readonly state: 'unavailable'; readonly reason: string }

export type Listeners = {
  readonly appservice: Listener
  readonly activitypub: Listener
  /** Absent: there is no page for admins. */
  readonly adminPage?: Listener
}

export type Arrived = {
  readonly method: 'GET' | 'POST'
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Signs as deliveries are signed, and checks as the inbox does. */
export type Signatures = {
  readonly sign: (
    request: { readonly method: 'GET' | 'POST'; readonly url: string; readonly body?: string },
    scheme: 'cavage' | 'rfc9421',
  ) => Promise<Readonly<Record<string, string>>>
  /** What is wrong with it; undefined: it holds. */
  readonly faultOf: (arrived: Arrived) => string | undefined
  /** The key that our own account has here, where the doctor can read it. */
  readonly publishedPem?: string
}

/** Everything that the doctor touches. Nothing here throws but the `Http`s, as their port says. */
export type Means = {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** To the homeserver. */
  readonly homeserver: Http
  /** To our own public names, wherever they are. */
  readonly web: Http
  /** As the bridge speaks to the fediverse. */
  readonly world: Http
  readonly lookAtCertificate: (
    host: string,
    port: number,
  ) => Promise<Certificate | { readonly silent: string }>
  /** Addresses of that name, or why there are none. */
  readonly addressesOf: (host: string) => Promise<readonly string[] | { readonly silent: string }>
  /** Whether servers of the internet can reach that address. */
  readonly isPublic: (address: string, host: string) => boolean
  /** Bytes that are free where the database is; undefined where that cannot be told. */
  readonly freeBytes: () => Promise<number | undefined>
  /** Code and text of the error of writing a file of 64 KB there; undefined: it can be written. */
  readonly writeFault: () => Promise<Fault | undefined>
  /** Whether the configuration file can be replaced; undefined: there is no file. */
  readonly mayChangeConfig: () => boolean | undefined
  readonly database: () => Promise<DatabaseState>
  readonly registration: () => RegistrationFile | undefined
  readonly listeners: Listeners
  /** Whether the bridge itself answers there; else the doctor does, as far as it can. */
  readonly isRunning: boolean
  /** Whether that ping came in; undefined where the doctor cannot see that. */
  readonly heardPing: (transactionId: string) => boolean | undefined
  readonly signatures: Signatures
}
