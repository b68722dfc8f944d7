import type { CertificateView } from '@slipway/domain'
import { type Certificate, certificateHealth } from '@slipway/health'
import { Certificates, type Cluster, type InformerStats, Ingresses, type KubeObject } from '@slipway/kube'
import { ingressName, tlsSecretName } from '@slipway/manifests'
import type { Ingress } from 'kubernetes-types/networking/v1.d.ts'
import type { ClusterCaches } from './caches.ts'
import type { Kube } from './informers.ts'

/** What cert-manager makes for the Ingresses of apps, and how far it is. */
export interface CertificateReader {
  /** The certificate of one host of an app. */
  of(namespace: string, app: string, hostname: string): CertificateView
  /** A certificate of an app came, changed or went. */
  onChange(listener: (appId: string) => void): () => void
  start(): void
  stop(): Promise<void>
  stats(): InformerStats
}

export interface CertificateReaderParts {
  cluster: Pick<Cluster, 'informer'>
  caches: Pick<ClusterCaches, 'appIdOf' | 'find' | 'isSynced'>
  /** Called once, with a sentence, where the cluster answers but not for certificates. */
  onProblem: (sentence: string) => void
  now: () => Date
}

/** A cluster without the kind is asked again for it, but not often. */
const BACKOFF = { baseMs: 500, maxMs: 30_000 }
const CHECK_MS = 500

/**
 * Watches Certificates apart from all else: where the cluster has no such kind, only they are unknown. cert-manager names a
 * Certificate as the Ingress names its Secret; labels of ours are not relied on.
 */
export function createCertificateReader({
  cluster,
  caches,
  onProblem,
  now,
}: CertificateReaderParts): CertificateReader {
  const informer = cluster.informer<Certificate & KubeObject>(Certificates, { backoff: BACKOFF })
  let timer: NodeJS.Timeout | undefined

  function check(): void {
    const { synced, lastError } = informer.stats()
    if (!synced && (lastError === null || !caches.isSynced())) return
    clearInterval(timer)
    if (!synced && lastError !== null) onProblem(`${CANNOT_READ} The cluster says: ${lastError.trim()}`)
  }
  const findIngress = (namespace: string, name: string) => {
    const { apiVersion, kind } = Ingresses
    return caches.find({ apiVersion, kind, namespace, name }) as Kube<Ingress> | undefined
  }
  /** Apps of the Ingresses that a Certificate was made for. */
  function appsOf({ metadata: { namespace = '', ownerReferences = [] } }: KubeObject): string[] {
    return ownerReferences.flatMap(({ kind, name }) => {
      const ingress = kind === Ingresses.kind ? findIngress(namespace, name) : undefined
      return ingress === undefined ? [] : (caches.appIdOf(ingress) ?? [])
    })
  }
  function isAsked(namespace: string, app: string, hostname: string): boolean {
    return findIngress(namespace, ingressName(app))?.spec?.tls?.some(({ hosts }) => hosts?.includes(hostname)) ?? false
  }
  return {
    of(namespace, app, hostname) {
      const { synced, lastError } = informer.stats()
      if (!synced) return unknown(lastError === null ? 'Certificates have not been read yet.' : CANNOT_READ)
      const certificate = informer.get(namespace, tlsSecretName(app, hostname))
      return certificateHealth(certificate, { asked: isAsked(namespace, app, hostname), nowMs: now().getTime() })
    },
    onChange: (listener) => informer.onChange((_change, object) => appsOf(object).forEach(listener)),
    start() {
      informer.start()
      timer = setInterval(check, CHECK_MS)
    },
    async stop() {
      clearInterval(timer)
      await informer.stop()
    },
    stats: () => informer.stats(),
  }
}

const unknown = (message: string): CertificateView => ({ state: 'Unknown', message, expiresAt: null, renewsAt: null })

/** Without the cluster's own words, which name accounts: those are for the log. */
const CANNOT_READ =
  'Certificates cannot be read. Check that cert-manager is installed and that Slipway may read its certificates.'
