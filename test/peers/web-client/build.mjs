// Builds the web client of the npm package into the folder that is named: `node build.mjs <folder>`.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as esbuild from 'esbuild'
import postcss from 'postcss'
import easings from 'postcss-easings'
import hexrgba from 'postcss-hexrgba'
import imports from 'postcss-import'
import mixins from 'postcss-mixins'
import nested from 'postcss-nested'
import scss from 'postcss-scss'
import variables from 'postcss-simple-vars'

const here = import.meta.dirname
const modules = path.join(here, 'node_modules')
const sdk = path.join(modules, 'matrix-react-sdk')
const out = path.resolve(process.argv[2])

/** A picture is its URL, and an icon in the colour of the text around it. */
const icon = (file) => `
  const React = require('react')
  const url = 'data:image/svg+xml;base64,${readFileSync(file).toString('base64')}'
  const mask = { display: 'inline-block', backgroundColor: 'currentColor', WebkitMask: 'url("' + url + '") center/contain no-repeat' }
  exports.__esModule = true
  exports.default = url
  exports.Icon = (given) => React.createElement('span', { ...given, style: { ...mask, width: given.width || '1em', height: given.height || '1em' } })`

/** What nobody needs to look at a room: threads for audio, the search index, exports. */
const dead = (file) =>
  `exports.__esModule = true; exports.default = ${file.includes('indexeddb') ? 'undefined' : '() => new Worker(URL.createObjectURL(new Blob([""])))'}`

const nodeModules =
  /^(path|fs|crypto|stream|os|worker_threads|http|https|net|tls|zlib|assert|module)$/

const webClient = {
  name: 'web-client',
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\/.*\.tsx?$/ }, ({ importer, path: name, resolveDir }) =>
      importer.startsWith(path.join(sdk, 'lib'))
        ? { path: path.resolve(resolveDir, name.replace(/\.tsx?$/, '.js')) }
        : undefined,
    )
    build.onResolve({ filter: /^\$webapp\/i18n\/languages\.json$/ }, () => ({
      path: path.join(here, 'languages.json'),
    }))
    build.onResolve({ filter: /^\$?\(?res\// }, ({ path: name }) => ({
      path: path.join(sdk, name),
    }))
    const empty = ({ path: name }) => ({ path: name, namespace: 'empty' })
    build.onResolve({ filter: nodeModules }, empty)
    build.onResolve({ filter: /^!!raw-loader/ }, empty)
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }))
    build.onLoad({ filter: /\.svg$/ }, ({ path: file }) => ({ contents: icon(file), loader: 'js' }))
    // The package holds its sources too, and names them here and there.
    build.onLoad({ filter: /matrix-react-sdk\/src\/.*\.tsx?$/ }, ({ path: file }) => {
      const built = file.replace('/src/', '/lib/').replace(/\.tsx?$/, '.js')
      return { contents: `module.exports = require(${JSON.stringify(built)})`, loader: 'js' }
    })
    build.onLoad(
      { filter: /lib\/(workers\/.*Factory|audio\/recorderWorkletFactory)\.js$/ },
      ({ path: file }) => ({ contents: dead(file), loader: 'js' }),
    )
    build.onLoad({ filter: /matrix-react-sdk\/lib\/.*\.js$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replaceAll('import.meta.url', '"http://localhost/"'),
      loader: 'js',
    }))
  },
}

async function buildTheme() {
  const from = path.join(sdk, 'res/themes/light/css/light.pcss')
  const resolve = (id, base) => {
    const near = path.resolve(base, id)
    return existsSync(near) ? near : path.join(modules, id)
  }
  const chain = [imports({ resolve }), mixins(), variables(), nested(), easings(), hexrgba()]
  const { css } = await postcss(chain).process(readFileSync(from, 'utf8'), { from, parser: scss })
  writeFileSync(
    path.join(out, 'theme.css'),
    css.replaceAll(/url\((['"]?)\$?\(?res\)?/g, 'url($1res'),
  )
}

mkdirSync(path.join(out, 'i18n'), { recursive: true })
await esbuild.build({
  entryPoints: [path.join(here, 'entry.jsx')],
  outfile: path.join(out, 'bundle.js'),
  bundle: true,
  format: 'iife',
  inject: [path.join(here, 'shim.js')],
  plugins: [webClient],
  loader: {
    '.png': 'dataurl',
    '.woff2': 'dataurl',
    '.ogg': 'dataurl',
    '.mp3': 'dataurl',
    '.wasm': 'file',
  },
  assetNames: '[name]',
  define: {
    global: 'window',
    'process.env.NODE_ENV': '"production"',
    'import.meta.url': '"http://localhost/"',
  },
  logLevel: 'error',
})
await buildTheme()
cpSync(path.join(sdk, 'res'), out, { recursive: true })
cpSync(path.join(modules, '@vector-im'), path.join(out, '@vector-im'), { recursive: true })
cpSync(path.join(here, 'index.html'), path.join(out, 'index.html'))
cpSync(path.join(here, 'languages.json'), path.join(out, 'i18n/languages.json'))
cpSync(path.join(sdk, 'src/i18n/strings/en_EN.json'), path.join(out, 'i18n/en_EN.json'))
