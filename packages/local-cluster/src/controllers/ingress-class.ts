import type { LocalApi } from '../types/client.ts'
import { GatewayClasses, IngressClasses } from '../types/resources.ts'
import { GATEWAY_CONTROLLER } from './gateway-objects.ts'

export const INGRESS_CLASS = 'slipway'

/** The classes that the cluster's own ingress serves. */
export async function provideIngressClass(api: LocalApi): Promise<void> {
  await api.apply(
    {
      apiVersion: GatewayClasses.apiVersion,
      kind: GatewayClasses.kind,
      metadata: { name: INGRESS_CLASS },
      ...{ spec: { controllerName: GATEWAY_CONTROLLER } },
    },
    { force: true },
  )
  await api.apply(
    {
      apiVersion: IngressClasses.apiVersion,
      kind: IngressClasses.kind,
      metadata: {
        name: INGRESS_CLASS,
        annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
      },
      ...{ spec: { controller: 'slipway.dev/ingress' } },
    },
    { force: true },
  )
}
