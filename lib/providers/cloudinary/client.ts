import http from 'node:http';
import https from 'node:https';
import type { Delivery } from './hosts.js';
import { checkSdkOptions } from './cloudinary-options.js';
import type { CloudinaryOptions, CloudinarySdkOptions } from './cloudinary-options.js';
import { locateSdk, type CloudinarySdk } from './sdk.js';

/**
 * The SDK as this provider uses it. The configuration is read only when it is needed, so that `cloudinary.config()` may
 * be called later.
 */
export interface CloudinaryClient {
  /** The app's own object, or the package, loaded now. */
  sdk(): CloudinarySdk;
  /** Where the assets are delivered, according to the current configuration; `null` while no cloud name is configured. */
  delivery(): Delivery | null;
  /** Whether the current configuration has what a removal needs besides the cloud name. */
  canSign(): boolean;
  /** Texts that must not appear in any message. Never throws. */
  secrets(): readonly string[];
  /** Options for the calls of one batch, with an agent of their own. `end` closes all its open connections. */
  open(): { readonly callOptions: CloudinarySdkOptions; end(): void };
}

type Settings = CloudinarySdkOptions & { readonly api_proxy?: string };

/** @throws Error with the install command if the SDK is neither given nor installed. */
export function cloudinaryClient(options: CloudinaryOptions): CloudinaryClient {
  const given = () => {
    const { sdkOptions = {} } = options;
    if (typeof sdkOptions !== 'function') return sdkOptions;
    const read = sdkOptions();
    checkSdkOptions(read);
    return read;
  };
  const { cloudinary } = options;
  const sdk = cloudinary ? () => cloudinary : locateSdk();
  const settings = (): Settings => ({ ...sdk().config(), ...given() });
  return {
    sdk,
    delivery: () => deliveryOf(settings(), options.hosts ?? []),
    canSign() {
      const { api_key, api_secret, oauth_token } = settings();
      return Boolean(oauth_token) || (Boolean(api_key) && Boolean(api_secret));
    },
    secrets() {
      try {
        const { api_secret, api_key, oauth_token } = settings();
        return [api_secret, api_key, oauth_token].filter(
          (one) => typeof one === 'string' && one !== '',
        ) as string[];
      } catch {
        return [];
      }
    },
    open() {
      const { agent, upload_prefix, api_proxy } = settings();
      // An agent of the app must not be closed here, and with `api_proxy` the SDK warns about each agent.
      if (agent || api_proxy) return { callOptions: given(), end() {} };
      const own = upload_prefix?.startsWith('http:')
        ? new http.Agent({ keepAlive: true })
        : new https.Agent({ keepAlive: true });
      return { callOptions: { ...given(), agent: own }, end: () => own.destroy() };
    },
  };
}

function deliveryOf(settings: Settings, hosts: readonly string[]): Delivery | null {
  const { cloud_name: cloud, secure_distribution, cname, private_cdn } = settings;
  if (typeof cloud !== 'string' || cloud === '' || cloud.includes('/')) return null;
  const domains = [secure_distribution, cname, ...hosts].filter(
    (one) => typeof one === 'string' && one !== '',
  );
  // In CLOUDINARY_URL, every setting is a string.
  const privateCdn = private_cdn === true || String(private_cdn) === 'true';
  return { cloud, domains: domains as string[], privateCdn };
}
