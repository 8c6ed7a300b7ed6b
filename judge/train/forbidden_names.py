"""Hashes of the function names that `judge.train.forbidden` refuses. Decides nothing; no I/O.

First ten hexadecimal digits of the SHA-256 of the name in lower case without underscores. Only
names that are rarely met elsewhere are here.
"""

from __future__ import annotations

HASHES = frozenset(
    """
012ce04e6e 04c8b29029 06c4aa7f58 0ed3cd3ef4 103bd7c38f 128de24ad3 1763432ae4 17f7efe6c5 1912105b5d
19f2d2dd94 1a7d683aa7 1ce97682b1 1d3b1f0c9a 1e686339c6 1f02c2d20c 226972a44c 24e492f678 271d563368
286819ec5f 2b370c8ccd 2c61c595ae 2f869308df 2f92e70353 30add57cfe 331b9ba053 3612b4ce6f 368ba0babf
36cc985a83 3782dc7ae0 3fcaf9a58d 40b9e488b5 412aa2723c 4170da22da 4344dbd260 4590452a42 465822e4e6
46f1318df4 48c63f3f58 4a01c9fe38 4a78ec470c 4be30e8ce2 4dfe06b532 54c28abeaa 567c1a5ad5 56d52114df
5da884317e 60325ea164 60f84c01ae 673ee2989d 68217a71cf 69097d23bc 6b4b07e72c 6cfc37db6e 6f8fcc945a
70a4a54b08 729d2ae88d 7ac7ced087 7d142c07c4 7e50edba9e 806d3f4c14 8504e72301 87b425610a 8a9969df7f
91aec4130e 93a9dd5aeb 944e807ba4 951c8086a8 971decd46e 9989418529 99e537ca26 9a1a7b8411 9c4c3a1e6a
9fa8e04b58 9fca9af3c7 a0501f900f a1857160c8 a1ae73f2d0 a293cc5b84 a314d7e755 a3738ed3f5 a4313e5d1d
a77a495b4b a94ae23976 adc45111c3 aea5667061 af23122aa5 b0187364b6 b4a8c95d2e b5f9e40207 b88eabbe88
ba31e52487 be85e8e819 c0ca96d185 cd4de933c7 cf41bce658 d11948ade5 d2267ca42c d2fe6716f9 db09bce16a
db49205cae e2541c77ac e43a988a6e e4d914843c e5a8697c71 e5f6a5ada0 f011f69ba3 f127b908f4 f39e048728
f5dabb61ae f6a2534d04 f6d24f6784 f7635b77c1 f7fdd21f07 f89c4f242f f8d4f9ec2e fbcbd8e8ad fcd4d65e9e
fe4bc7dc76
""".split()  # noqa: SIM905 - one a line would be a hundred lines
)
