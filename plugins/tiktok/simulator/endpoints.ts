import type { Endpoint } from './call.ts';
import { answerContentInit } from './content-init.ts';
import { answerCreatorInfo } from './creator.ts';
import { answerUserInfo, answerVideoList, answerVideoQuery } from './display.ts';
import type { EndpointName } from './failures.ts';
import { answerRevoke, answerToken } from './oauth.ts';
import { answerCancel, answerStatus } from './status.ts';
import { answerUpload } from './upload.ts';
import { answerVideoInit } from './video-init.ts';

export interface EndpointRoute {
  readonly name: EndpointName;
  readonly method: 'get' | 'post' | 'put';
  /** With its trailing slash: the gateway knows no other spelling. */
  readonly path: string;
  readonly answer: Endpoint;
}

export const endpointRoutes: readonly EndpointRoute[] = [
  { name: 'oauth/token', method: 'post', path: '/v2/oauth/token/', answer: answerToken },
  { name: 'oauth/revoke', method: 'post', path: '/v2/oauth/revoke/', answer: answerRevoke },
  { name: 'user/info', method: 'get', path: '/v2/user/info/', answer: answerUserInfo },
  { name: 'video/list', method: 'post', path: '/v2/video/list/', answer: answerVideoList },
  { name: 'video/query', method: 'post', path: '/v2/video/query/', answer: answerVideoQuery },
  {
    name: 'creator_info/query',
    method: 'post',
    path: '/v2/post/publish/creator_info/query/',
    answer: answerCreatorInfo,
  },
  { name: 'video/init', method: 'post', path: '/v2/post/publish/video/init/', answer: answerVideoInit },
  { name: 'content/init', method: 'post', path: '/v2/post/publish/content/init/', answer: answerContentInit },
  { name: 'status/fetch', method: 'post', path: '/v2/post/publish/status/fetch/', answer: answerStatus },
  { name: 'cancel', method: 'post', path: '/v2/post/publish/cancel/', answer: answerCancel },
  { name: 'upload', method: 'put', path: '/upload/video/', answer: answerUpload },
];
