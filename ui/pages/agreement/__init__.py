"""The page Agreement: how reliable the labels are, who confuses what with what, and where to look next."""

from ui.pages.agreement.page import AgreementPage

__all__ = ["AgreementPage"]
