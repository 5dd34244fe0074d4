export { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, type Response, request } from 'undici';
