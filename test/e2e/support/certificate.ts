import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder, python, runProgram } from './process.ts'

/** A self-signed certificate for `localhost`, its own authority: whoever is to believe it is told so. */
export type Certificate = { readonly certificate: string; readonly key: string }

// Node signs no certificates, and every machine that runs Synapse has this library.
const script = `
import datetime, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "localhost")])
now = datetime.datetime.now(datetime.timezone.utc)
hour = datetime.timedelta(hours=1)
certificate = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - hour)
    .not_valid_after(now + 24 * hour)
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .sign(key, hashes.SHA256())
)
pem = serialization.Encoding.PEM
with open(sys.argv[1], "wb") as file:
    file.write(certificate.public_bytes(pem))
with open(sys.argv[2], "wb") as file:
    file.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
`

/** Files in a folder that is deleted after the tests. */
export async function makeCertificate(): Promise<Certificate> {
  const folder = await makeFolder('certificate')
  const program = path.join(folder, 'make.py')
  const [certificate, key] = [path.join(folder, 'certificate.pem'), path.join(folder, 'key.pem')]
  await writeFile(program, script)
  await runProgram([python, program, certificate, key])
  return { certificate, key }
}
