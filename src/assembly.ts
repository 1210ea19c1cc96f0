import type { Config } from './config/config.ts'
import type { Clock, Log, Random } from './model/clock.ts'
import type { Database } from './store/database.ts'
import type { Deps, Permission } from './bridge/ports.ts'
import type { Files } from './model/file.ts'
import type { Meter } from './model/meter.ts'
import type { Tracer } from './model/tracer.ts'
import type { LogLevel } from './model/operations.ts'
import type { Http } from './model/http.ts'
import type { Sign } from './activitypub/signature.ts'
import type { UserId } from './model/ids.ts'
import type { Pems } from './activitypub/key-pairs.ts'
import type { Router } from 'express'
import type { Front } from './activitypub/routes.ts'
import type { Inbox } from './activitypub/inbox.ts'
import type { RawEvent } from './matrix/intake.ts'
import type { Surroundings } from './build-doctor.ts'
import type { Typed } from './commands/typed.ts'
import type { Worker } from './queue/worker.ts'

/** Everything outside: the real world in `main.ts`, a simulated one in tests. */
export type World = {
  readonly config: Config
  readonly database: Database
  /** To the fediverse. */
  readonly http: Http
  readonly homeserverHttp: Http
  /** To the homeserver too, for files: who reads them slowly holds up nothing else. Absent: the same. */
  readonly mediaHttp?: Http
  /** Where files of the fediverse pass through. */
  readonly files: Files
  readonly permissionOf: (userId: UserId) => Permission
  /** Absent: nothing is counted. */
  readonly meter?: Meter
  /** Absent: no message is followed. */
  readonly tracer?: Tracer
  /** Which lines `log` writes; absent: for good what the configuration says. */
  readonly level?: { get(): LogLevel; set(level: LogLevel): void }
  /** Absent: there is no page for admins. */
  readonly loginLink?: (userId: UserId) => string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly userAgent: string
  /** Actor keys made in advance. */
  readonly keyPool: number
  /** What the doctor looks at; a simulation has none. */
  readonly surroundings?: Surroundings
  /** How requests are signed; a simulation needs the synchronous one. */
  readonly sign: Sign
  /** Absent: RSA in the thread pool. */
  readonly generateKeys?: () => Promise<Pems>
}

/** The bridge, built. */
export type Assembly = {
  /** Mount in this order. */
  readonly homeserverRoutes: readonly Router[]
  readonly worldRoutes: readonly Router[]
  /** Before those (`behind`). */
  readonly worldFront: Front
  readonly inbox: Inbox
  /** Takes the events of a transaction; durable when it resolves. */
  readonly receiveEvents: (events: readonly RawEvent[]) => Promise<void>
  readonly worker: Worker
  readonly deps: Deps
  /** Does what an admin types at the machine itself. */
  readonly answer: (words: readonly string[]) => Promise<Typed>
  /** What must be done before anything comes in; part of `start`. */
  readonly prepare: () => Promise<void>
  readonly start: () => Promise<void>
  /** Who may do what has changed. */
  readonly permissionsChanged: () => Promise<void>
  /** Lets what runs finish. */
  readonly stop: () => Promise<void>
}
