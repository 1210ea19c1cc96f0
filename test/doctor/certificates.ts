import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** PEM; `chain` is what a web server shows: the certificate, and what leads to the authority. */
export type Shown = { readonly key: string; readonly chain: string }

export type Certificates = {
  /** To be trusted. */
  readonly authority: string
  readonly good: Shown
  readonly expired: Shown
  /** Good, but without the one between it and the authority. */
  readonly chainless: Shown
  /** For another name. */
  readonly foreign: Shown
  /** Of an authority that nobody knows. */
  readonly selfSigned: Shown
}

/** Certificates for `localhost` of an authority of our own, made by openssl in that folder. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const at = (name: string) => path.join(folder, name)
  const read = (name: string) => readFileSync(at(name), 'utf8')
  const openssl = (...args: string[]) => run('openssl', args)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const root = (name: string) =>
    openssl(
      ...['req', '-x509', ...newKey, '-subj', `/CN=${name}`, '-days', '30'],
      ...['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)],
    )
  const issue = async (name: string, by: string, { extension = '', days = 20 }) => {
    const request = ['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)]
    await openssl('req', '-new', ...newKey, '-subj', `/CN=${name}`, ...request)
    writeFileSync(at(`${name}.ext`), extension)
    await openssl(
      ...['x509', '-req', '-in', at(`${name}.csr`), '-out', at(`${name}.pem`)],
      ...['-CA', at(`${by}.pem`), '-CAkey', at(`${by}.key`), '-CAcreateserial'],
      ...['-days', String(days), '-extfile', at(`${name}.ext`)],
    )
  }
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  await root('authority')
  await issue('between', 'authority', { extension: 'basicConstraints=critical,CA:TRUE' })
  await issue('good', 'between', { extension: names })
  await issue('expired', 'between', { extension: names, days: -1 })
  await issue('foreign', 'between', { extension: 'subjectAltName=DNS:other.example' })
  await root('localhost')
  const shown = (name: string): Shown => ({
    key: read(`${name}.key`),
    chain: read(`${name}.pem`) + read('between.pem'),
  })
  return {
    authority: read('authority.pem'),
    good: shown('good'),
    expired: shown('expired'),
    foreign: shown('foreign'),
    chainless: { ...shown('good'), chain: read('good.pem') },
    selfSigned: { key: read('localhost.key'), chain: read('localhost.pem') },
  }
}
