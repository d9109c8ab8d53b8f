"""Loads Huawei's SDK without a trace: it writes a file into the home folder when it is imported."""

from __future__ import annotations

import os
import tempfile
import warnings

os.environ["NO_PROXY"] = "127.0.0.1"  # its HTTP library honours proxy variables
_HOME = os.environ.get("HOME")
os.environ["HOME"] = tempfile.mkdtemp(prefix="sdk-home-")
with warnings.catch_warnings():
    # its dependencies use escapes and functions that newer Pythons warn about; that is nothing of ours
    warnings.simplefilter("ignore")
    import huaweicloudsdkiam.v3 as iam
    import huaweicloudsdkmodelarts.v1 as ma
    from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException
    from huaweicloudsdkcore.region.region import Region
    from huaweicloudsdkmodelarts.v1.region.modelarts_region import ModelArtsRegion
if _HOME is None:
    del os.environ["HOME"]
else:
    os.environ["HOME"] = _HOME

__all__ = [
    "BasicCredentials",
    "ClientRequestException",
    "GlobalCredentials",
    "ModelArtsRegion",
    "Region",
    "ServerResponseException",
    "iam",
    "ma",
]
