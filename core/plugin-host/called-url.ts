import axios, { type InternalAxiosRequestConfig } from 'axios';

/** What is called. axios would merge all its settings anew to tell it, which a sync would spend a twentieth of its time on. */
export function calledUrl(config: InternalAxiosRequestConfig<unknown>): URL {
  const { url, baseURL } = config;
  const isWhole = url !== undefined && baseURL === undefined && config.params === undefined;
  return new URL(isWhole ? url : axios.getUri(config));
}
