import type { Service } from '../../types/service.ts'
import type { ApiAccess } from '../options.ts'

/** Reference: pkg/kubelet/envvars, FromServices. */
export function serviceVariables(
  service: Service,
  at: { address: string; ports: Readonly<Record<string, number>> },
): Record<string, string> {
  const name = upper(service.metadata.name)
  const variables: Record<string, string> = {}
  for (const [index, port] of (service.spec.ports ?? []).entries()) {
    const real = String(at.ports[String(port.port)] ?? port.port)
    const protocol = (port.protocol ?? 'TCP').toUpperCase()
    const url = `${protocol.toLowerCase()}://${at.address}:${real}`
    if (index === 0) {
      variables[`${name}_SERVICE_HOST`] = at.address
      variables[`${name}_SERVICE_PORT`] = real
      variables[`${name}_PORT`] = url
    }
    if (port.name) variables[`${name}_SERVICE_PORT_${upper(port.name)}`] = real
    const prefix = `${name}_PORT_${port.port}_${protocol}`
    variables[prefix] = url
    variables[`${prefix}_PROTO`] = protocol.toLowerCase()
    variables[`${prefix}_PORT`] = real
    variables[`${prefix}_ADDR`] = at.address
  }
  return variables
}

/** The same where pods come to no Service at its address. */
export function kubernetesVariables(access: ApiAccess | null): Record<string, string> {
  if (access === null) return {}
  const port = String(access.port)
  return {
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: port,
    KUBERNETES_SERVICE_PORT_HTTPS: port,
  }
}

const upper = (name: string) => name.toUpperCase().replaceAll('-', '_')
