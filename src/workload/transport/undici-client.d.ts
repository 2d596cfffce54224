// The type of one file of undici, which declares those of the whole package alone.
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';
  export default Client;
}
