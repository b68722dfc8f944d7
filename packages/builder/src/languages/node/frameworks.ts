/** What is known of a framework's output. */
export interface Framework {
  title: string
  /** Any of these among the dependencies. */
  packages: readonly string[]
  /** How its server starts; absent where it has none. */
  server?: (source: FrameworkSource) => string | null
  /** Folders that its static output may be in, the likeliest first. */
  output?: readonly string[]
  /** Files of the settings that name another folder. */
  settings?: { files: readonly string[]; folder: RegExp }
  /** Unknown paths are the app's own routes. */
  spa?: boolean
}

/** What a server's start depends on. */
export interface FrameworkSource {
  has(dependency: string): boolean
  /** Script of package.json; empty where there is none. */
  script(name: string): string
  /** Text of the first of these files that exists; empty without. */
  text(...files: string[]): string
}

const variants = (name: string) => ['.ts', '.js', '.mjs', '.mts', '.cjs'].map((ending) => name + ending)
const VITE = { files: variants('vite.config'), folder: /outDir\s*:\s*['"]([^'"]+)['"]/ }

/** More special ones first: many of them contain Vite. */
const FRAMEWORKS: readonly Framework[] = [
  {
    title: 'Next.js',
    packages: ['next'],
    server: ({ text }) => (/output\s*:\s*['"]export['"]/.test(text(...variants('next.config'))) ? null : 'next start'),
    output: ['out'],
    settings: { files: variants('next.config'), folder: /distDir\s*:\s*['"]([^'"]+)['"]/ },
  },
  {
    title: 'Nuxt',
    packages: ['nuxt', 'nuxt3', 'nuxt-edge'],
    server: ({ script }) => (/\bgenerate\b/.test(script('build')) ? null : 'node .output/server/index.mjs'),
    output: ['.output/public', 'dist'],
  },
  {
    title: 'SvelteKit',
    packages: ['@sveltejs/kit'],
    server: ({ has, text }) =>
      has('@sveltejs/adapter-static') && !/adapter-(node|auto)/.test(text(...variants('svelte.config')))
        ? null
        : 'node build',
    output: ['build'],
    settings: { files: variants('svelte.config'), folder: /pages\s*:\s*['"]([^'"]+)['"]/ },
  },
  {
    title: 'Remix',
    packages: ['@remix-run/serve', '@react-router/serve'],
    server: ({ has, text }) =>
      /ssr\s*:\s*false/.test(text(...variants('vite.config'), ...variants('react-router.config')))
        ? null
        : `${has('@react-router/serve') ? 'react-router-serve' : 'remix-serve'} ./build/server/index.js`,
    output: ['build/client'],
    spa: true,
  },
  {
    title: 'Astro',
    packages: ['astro'],
    server: ({ has }) => (has('@astrojs/node') ? 'node ./dist/server/entry.mjs' : null),
    output: ['dist'],
    settings: { files: variants('astro.config'), folder: /outDir\s*:\s*['"]([^'"]+)['"]/ },
  },
  {
    title: 'SolidStart or TanStack Start',
    packages: [
      '@solidjs/start',
      '@tanstack/start',
      '@tanstack/react-start',
      'nitropack',
      'nitro',
      'vinxi',
      '@analogjs/platform',
    ],
    server: () => 'node .output/server/index.mjs',
    output: ['.output/public', 'dist'],
  },
  { title: 'NestJS', packages: ['@nestjs/core'], server: () => 'node dist/main' },
  { title: 'Gatsby', packages: ['gatsby'], output: ['public'] },
  { title: 'Docusaurus', packages: ['@docusaurus/core'], output: ['build'] },
  { title: 'Eleventy', packages: ['@11ty/eleventy'], output: ['_site', 'dist', 'public'] },
  {
    title: 'VitePress',
    packages: ['vitepress'],
    output: ['docs/.vitepress/dist', '.vitepress/dist', 'src/.vitepress/dist'],
  },
  {
    title: 'VuePress',
    packages: ['vuepress'],
    output: ['docs/.vuepress/dist', '.vuepress/dist', 'src/.vuepress/dist'],
  },
  { title: 'Hexo', packages: ['hexo'], output: ['public'] },
  {
    title: 'Angular',
    packages: ['@angular/core'],
    output: ['dist/*/browser', 'dist/browser', 'dist/*', 'dist'],
    spa: true,
  },
  { title: 'Create React App', packages: ['react-scripts'], output: ['build'], spa: true },
  { title: 'Vue', packages: ['@vue/cli-service'], output: ['dist'], spa: true },
  { title: 'Ember', packages: ['ember-cli'], output: ['dist'], spa: true },
  { title: 'Preact', packages: ['preact-cli'], output: ['build'], spa: true },
  {
    title: 'Vite',
    packages: ['vite', 'rolldown-vite'],
    output: ['dist', 'build', 'public/build'],
    settings: VITE,
    spa: true,
  },
  { title: 'Parcel', packages: ['parcel', 'parcel-bundler'], output: ['dist'], spa: true },
  { title: 'webpack', packages: ['webpack'], output: ['dist', 'build', 'public'], spa: true },
]

/** Folders that static output is usually in. */
export const OUTPUT_DIRS = ['dist', 'build', 'out', '_site', '.output/public', 'public', 'www', 'site']

const RUNNER =
  '(?:npx\\s+|bunx\\s+|(?:pnpm|yarn)\\s+(?:exec\\s+|dlx\\s+)?|cross-env\\s+(?:\\S+=\\S*\\s+)+|[A-Z_][A-Z0-9_]*=\\S*\\s+)*'
const DEV_SERVERS = [
  'vite(\\s+(dev|serve|preview))?(\\s+-|\\s*$)',
  '(next|nuxt|nuxi|astro|remix|react-router|svelte-kit|vinxi|solid-start|nitropack?)\\s+dev',
  '(nuxt|nuxi|astro)\\s+(preview|start)',
  '(react-scripts|preact|docusaurus|gatsby|craco|rsbuild)\\s+(start|develop|watch|dev)',
  'gatsby\\s+(serve|develop)',
  'vue-cli-service\\s+serve',
  'ng\\s+(serve|s)\\b',
  'nx\\s+(serve|run\\s+\\S+:serve)',
  'nest\\s+start(\\s+--(watch|debug))?\\s*$',
  'webpack(-dev-server|\\s+serve|.*--watch)',
  '(parcel|snowpack|ember|hexo|vitepress|vuepress)(\\s+(serve|dev|server|s|start)\\b|\\s+\\S+\\.html)',
  '(eleventy|11ty).*--serve',
  '(live-server|browser-sync|lite-server)\\b',
]
const DEV_SERVER = new RegExp(`^\\s*${RUNNER}(${DEV_SERVERS.join('|')})`)

/** True for a command that starts a server for development only. */
export const isDevServer = (command: string): boolean => DEV_SERVER.test(command)

/** The framework among some dependencies. */
export function frameworkOf(dependencies: Readonly<Record<string, string>>): Framework | null {
  return FRAMEWORKS.find(({ packages }) => packages.some((name) => name in dependencies)) ?? null
}
