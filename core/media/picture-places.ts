/** Where a picture that came in is made anew, and where its small one is: beside it, until both are taken in or swept. */
export function placesBeside(file: string): { readonly made: string; readonly poster: string } {
  return { made: `${file}.made`, poster: `${file}.poster` };
}
