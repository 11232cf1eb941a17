import type { RequestHandler } from 'express';
import type helmet from 'helmet';
import { Problem } from './problems.js';

/** Nothing from other sites, and only the scripts of the page itself. The gallery runs on loopback without TLS. */
export const HEADERS: Parameters<typeof helmet>[0] = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'blob:'],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  },
  strictTransportSecurity: false,
};

/** A form on another site must not change this gallery. */
export const refuseOtherSites: RequestHandler = (request, _response, next) => {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host ?? ''}` && origin !== `https://${host ?? ''}`) {
    throw new Problem(403, 'Requests from other sites are refused.');
  }
  next();
};
