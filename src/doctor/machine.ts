import type { Finding } from '../model/finding.ts'
import type { Fault } from '../model/machine.ts'
import { failed, ok, skipped, warning } from './findings.ts'
import type { Listener, Means, Patient } from './ports.ts'

type Scene = { readonly patient: Patient; readonly means: Means }

const megabyte = 1_000_000
/** Free bytes below which nothing can be taken in soon, and below which an admin should know. */
const [leastFree, wantedFree] = [100 * megabyte, 1_000 * megabyte]

const megabytes = (bytes: number): string => `${Math.floor(bytes / megabyte)} MB`

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

function writeFinding({ code, reason }: Fault, folder: string): Finding {
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return failed('disk', 'disk-full', {
      what: `the disk is full where the database is: ${folder}.`,
      why: 'Nothing new is taken in: the homeserver and other servers are asked to come again.',
      mend: `df -h ${folder}, then make room; nothing is lost until then`,
    })
  }
  return failed('disk', 'data-unwritable', {
    what: `this user cannot write into ${folder}, where the database is: ${reason}.`,
    why: 'Footbridge keeps everything there, and does not start without.',
    mend: `chown <the user Footbridge runs as> ${folder}, or in the configuration: database: sqlite:<path in a folder of its own>`,
  })
}

/** Room for the database, and whether it may be used. */
async function disk({ patient, means }: Scene): Promise<Finding> {
  const folder = folderOf(patient.database)
  const fault = await means.writeFault()
  if (fault !== undefined) return writeFinding(fault, folder)
  const free = await means.freeBytes()
  if (free === undefined) return skipped('disk', `how much is free in ${folder} cannot be told.`)
  if (free >= wantedFree) return ok('disk', `${megabytes(free)} are free in ${folder}.`)
  const words = {
    what: `${megabytes(free)} are free in ${folder}.`,
    why: 'When nothing is left, nothing new is taken in.',
    mend: `df -h ${folder}, then make room; media.cache_size in the configuration bounds the copies of files`,
  }
  return (free < leastFree ? failed : warning)('disk', 'disk-full', words)
}

async function database({ patient, means }: Scene): Promise<Finding> {
  const { database: path, configFile } = patient
  const found = await means.database()
  switch (found.state) {
    case 'sound':
      return ok('database', `${path} is sound, ${megabytes(found.bytes + megabyte - 1)}.`)
    case 'absent':
      return ok('database', `${path} is made at the first start.`)
    case 'in-use':
      if (means.isRunning) return ok('database', `${path} is in use by the running Footbridge.`)
      return failed('database', 'database-in-use', {
        what: `${path} is in use by another process.`,
        why: 'Two processes on one database would do everything twice, so a second does not start.',
        mend: `Stop the other one (fuser ${path}-lock ${path} names it), or in ${configFile}: database: sqlite:<another path>`,
      })
    case 'damaged':
      return failed('database', 'database-damaged', {
        what: `${path} is damaged: ${found.reason}.`,
        why: 'What is written into it may be lost, and Footbridge may stop at any time.',
        mend: `Stop Footbridge, move ${path} away with its -wal and -shm, and put the newest backup in its place`,
      })
    case 'newer':
      return failed('database', 'database-newer', {
        what: `${path} was changed by a newer version (migration ${found.migration}).`,
        why: 'This version does not know what stands there, and does not start.',
        mend: `Run that version, or restore the copy made before it: ${path}.before-…`,
      })
    case 'unreadable':
      return failed('database', 'data-unwritable', {
        what: `${path} cannot be opened: ${found.reason}.`,
        why: 'Footbridge keeps everything there, and does not start without.',
        mend: `chown <the user Footbridge runs as> ${path}*`,
      })
  }
}

function configuration({ patient, means }: Scene): Finding {
  const { configFile } = patient
  const may = means.mayChangeConfig()
  if (may === undefined) return ok('configuration', 'it comes from the environment.')
  if (may) return ok('configuration', `${configFile} is valid.`)
  return warning('configuration', 'config-read-only', {
    what: `${configFile} cannot be changed by this user.`,
    why: 'Footbridge runs all the same, but "footbridge registration rotate" cannot write new tokens there.',
    mend: `chown <the user Footbridge runs as> ${configFile} and its folder, unless you mean it so`,
  })
}

type Place = {
  readonly name: 'appservice' | 'activitypub' | 'admin_page'
  readonly bind: string
  readonly port: number
}

function listener({ name, bind, port }: Place, found: Listener, { patient }: Scene): Finding {
  const place = `${bind}:${port}`
  const why = 'Footbridge does not start without it.'
  switch (found.state) {
    case 'ours':
      return ok('listeners', `${place} is ours (${name}).`)
    case 'taken':
      return failed('listeners', 'port-taken', {
        what: `another program listens on ${place}.`,
        why,
        mend: `Stop it (ss -ltnp 'sport = :${port}' names it), or in ${patient.configFile}, under ${name}: port: <another one>`,
      })
    case 'unavailable':
      return failed('listeners', 'address-unavailable', {
        what: `nobody can listen on ${place} here: ${found.reason}.`,
        why,
        mend: `In ${patient.configFile}, under ${name}: bind: <an address of this machine>, or a port above 1023`,
      })
  }
}

/** What this machine is like: places, files, disk. */
export async function examineMachine(scene: Scene): Promise<readonly Finding[]> {
  const { patient, means } = scene
  const { appservice, activitypub, adminPage } = patient
  const { listeners } = means
  const places = [
    listener({ name: 'appservice', ...appservice }, listeners.appservice, scene),
    listener({ name: 'activitypub', ...activitypub }, listeners.activitypub, scene),
    ...(adminPage === undefined || listeners.adminPage === undefined
      ? []
      : [listener({ name: 'admin_page', ...adminPage }, listeners.adminPage, scene)]),
  ]
  return [configuration(scene), ...places, await database(scene), await disk(scene)]
}
