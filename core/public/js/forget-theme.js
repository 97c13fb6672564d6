// The look was just chosen in the account: what this device remembered of the button light/dark no longer counts.
const secure = location.protocol === 'https:' ? '; Secure' : '';
document.cookie = `theme=; Path=/; Max-Age=0; SameSite=Lax${secure}`;
